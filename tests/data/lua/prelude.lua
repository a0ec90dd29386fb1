-- What the generated programs of programs.jsonl share.
LOG={} local N=0
local function show(v) if type(v)=='table' or type(v)=='function' or type(v)=='userdata' then return type(v) end return tostring(v) end
function log(...) for i=1,select('#',...) do LOG[#LOG+1]=show((select(i,...))) end end
function tick() N=N+1 if N>40 then error('enough',0) end end
local x,y,t=3,'7',{4,5,'6',k1=1,k2='2'}
local mt={__index=function(t,k) return type(k)=='string' and k=='k3' and 9 or nil end,__add=function(a,b) return 'add' end,__concat=function(a,b) return 'cat' end,__lt=function() return true end,__unm=function(a) error('neg',2) end,__call=function(self,a) return a end}
if N==0 then setmetatable(t,mt) end
local function f(a,...) local b=a or x
 return b end
local function g(...) if select('#',...)>0 then error('g'..tostring((...)),LEVEL) end return 1,2,3 end
