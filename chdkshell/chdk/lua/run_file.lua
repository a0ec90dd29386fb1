-- needs: print, interrupt
-- one line
-- Run a file of the card as CHDK's menu would, in a chunk that is named after it. `folder` has
-- modules that it uses; `as_13`: it was written for CHDK 1.3, whose functions are asked for.
function run_file(path, folder, as_13)
  if folder then
    package.path = folder .. '/?.lua;' .. package.path
  end
  if as_13 then
    pcall(require, 'wrap13')
  end
  local chunk, problem = loadfile(path)
  collectgarbage()
  if not chunk then
    error(problem, 0)
  end
  return chdkshell_printed(chunk())
end
