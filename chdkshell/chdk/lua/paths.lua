-- Join a directory and a name.
function join_path(dir, name)
  if string.sub(dir, -1) == '/' then
    return dir .. name
  end
  return dir .. '/' .. name
end
