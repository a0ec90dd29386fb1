-- Errors as text.
local errutil = {do_traceback = 'never', last_traceback = ''}

-- With do_traceback 'always', or 'critical' and an error that is, the text has the Lua traceback.
function errutil.format(err)
  local is_table = type(err) == 'table'
  local trace = is_table and err.traceback or debug.traceback('', 2)
  errutil.last_traceback = trace
  local wanted = errutil.do_traceback == 'always'
    or errutil.do_traceback == 'critical' and (not is_table or err.critical)
  return tostring(err) .. (wanted and trace or '')
end

function errutil.format_traceback(err)
  return tostring(err) .. (type(err) == 'table' and err.traceback or debug.traceback('', 2))
end

local function outcome(opts, ok, ...)
  if ok then
    return ...
  end
  local tell = opts.output or function(text)
    util.errf('%s\n', text)
  end
  tell((...))
  return opts.err_default
end

-- Returns a function that calls `f`, and tells of errors in place of throwing them.
function errutil.wrap(f, opts)
  opts = opts or {}
  return function(...)
    return outcome(opts, xpcall(f, opts.handler or errutil.format, ...))
  end
end

return errutil
