-- Tables of settings in text files: require'iniLib'
-- A file has sections, `[name]`, of lines `key = value`: numbers, true and false, "texts".
local iniLib = { version = '1.0' }

local FOLDER = 'A/CHDK/'

-- A bare name is a file in A/CHDK/DATA; others are A/CHDK/folder/name.ini.
local function path_of(name)
  if type(name) == 'string' then
    if name:match('^[^/.]+$') then return FOLDER .. 'DATA/' .. name .. '.ini' end
    if name:match('^A/CHDK/[%w_+/]+/[%w_]+%.ini$') then return name end
  end
  error('no name of an ini file: ' .. tostring(name), 3)
end

local WORDS = { ['true'] = true, ['false'] = false }

local function value_of(text)
  local quoted = text:match('^"(.+)"$')
  if quoted then return quoted end
  if WORDS[text] ~= nil then return WORDS[text] end
  return tonumber(text) or text
end

-- The sections of a file as tables, and whether it had no value (true where there is no file).
-- `write` finds the file's name in field `_filename`.
function iniLib.read(name)
  local ini, is_new, section = { _filename = name }, true, nil
  local file = io.open(path_of(name))
  if not file then return ini, is_new end
  for line in file:lines() do
    line = line:gsub('\r$', '')
    local title = line:match('^%[([%w_]+)%]$')
    local key, text = line:match('^([%w_]+)%s*=%s*(.+)$')
    if title then
      section = ini[title] or {}
      ini[title] = section
    elseif key and section then
      section[key] = value_of(text)
      is_new = false
    end
  end
  file:close()
  return ini, is_new
end

local WRITTEN = { string = '%s = "%s"', number = '%s = %s', boolean = '%s = %s' }

local function is_word(key)
  return type(key) == 'string' and key:match('^[%w_]+$') ~= nil
end

-- Write such a table. Returns whether that worked. Sections without a value are left out.
function iniLib.write(ini)
  if type(ini) ~= 'table' then return false end
  local lines = { '; settings of a script' }
  for title, section in pairs(ini) do
    if type(section) == 'table' and is_word(title) then
      local entries = {}
      for key, value in pairs(section) do
        local form = WRITTEN[type(value)]
        if form and is_word(key) then
          entries[#entries + 1] = form:format(key, tostring(value))
        end
      end
      if #entries > 0 then
        lines[#lines + 1] = '\n[' .. title .. ']\n' .. table.concat(entries, '\n')
      end
    end
  end
  local file = io.open(path_of(ini._filename), 'w')
  if not file then return false end
  file:write(table.concat(lines, '\n'), '\n')
  file:close()
  return true
end

return iniLib
