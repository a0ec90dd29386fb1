-- Functions that gave 0 or 1 in CHDK 1.3, for scripts of that time: require'wrap13'
for _, name in ipairs({'get_raw', 'get_video_button', 'get_focus_ok', 'save_config_file',
                       'load_config_file', 'set_mf'}) do
  local native = _G[name]
  _G[name] = function(...)
    local value = native(...)
    return (value and value ~= 0) and 1 or 0
  end
end
