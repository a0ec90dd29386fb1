-- needs: host_messages, settings
-- Put back what a capture changed, once the host has fetched the last shot or says `quit`. Where the
-- host is gone, the shot is called off: the camera would wait for it.
function end_capture()
  while get_shooting() and get_usb_capture_target and get_usb_capture_target() ~= 0 do
    if read_usb_msg(10) or host_is_gone() then
      break
    end
  end
  put_back(settings_kept, host_is_gone() and 2000 or nil)
end
