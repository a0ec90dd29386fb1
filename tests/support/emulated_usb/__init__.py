"""A USB bus for machines without one, so that pyusb and the real libusb are tested end to end.

`bus.Bus` plays the kernel: it writes a /sys and a /dev/bus/usb into a folder, and `usbfs` answers
the calls on the device nodes there. A program that runs with `shim.c` preloaded sees that bus.
"""
