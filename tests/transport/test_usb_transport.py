"""Transactions over USB, through the real libusb on an emulated bus, with all a camera may do."""

from __future__ import annotations

import threading

import pytest
from support.emulated_usb.camera import Fault, FaultyCamera
from support.emulated_usb.fixtures import Client, ClientError, UsbBus
from support.emulated_usb.pattern import pattern_crc
from support.timeouts import TIMEOUT

from chdkshell.ptp.transaction import Event

OK = 0x2001
INCOMPLETE_TRANSFER = 0x2007
ANSWER = [OK, [7, 8]]
STALLED = "TransferStalledError: the camera stopped the transfer"
CANCEL_REQUEST, DEVICE_RESET, GET_STATUS = 0x64, 0x66, 0x67

MIB = 1 << 20
HEADER = 12
SIZES = [
    0,
    1,
    512 - HEADER - 1,
    512 - HEADER,
    512 - HEADER + 1,
    512,
    1024 - HEADER,
    65536 - HEADER,
    65536 - HEADER + 1,
    65536 + 512 - HEADER,
    MIB - HEADER - 1,
    MIB - HEADER,
    MIB - HEADER + 1,
    MIB,
    MIB + 65536 - HEADER,
    2 * MIB - HEADER,
    5_000_000,
]


@pytest.fixture(params=["system", "package"])
def setup(usb_bus: UsbBus, request: pytest.FixtureRequest) -> tuple[FaultyCamera, Client]:
    """A camera, and a program that is connected to it."""
    _, camera = usb_bus.plug()
    client = usb_bus.client(request.param)
    client.connect()
    return camera, client


def works(camera: FaultyCamera, client: Client) -> None:
    """Transactions of each kind go through, as if nothing had happened."""
    assert camera.fault is Fault.NONE
    assert client.ask() == ANSWER
    assert client.download(size=700) == [OK, True, 700, 700, pattern_crc(700)]
    assert client.upload(size=700) == OK
    assert camera.data_taken == (700, pattern_crc(700))


def test_sizes_around_packets_and_reads(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    for size in SIZES:
        assert client.download(size=size) == [OK, True, size, size, pattern_crc(size)]
        assert client.upload(size=size, chunk=70_001) == OK
        assert camera.data_taken == (size, pattern_crc(size))
    client.end()


def test_packet_rules_that_cameras_bend(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    for fault in (
        Fault.ZERO_PACKET_LATE,
        Fault.ZERO_PACKET_MISSING,
        Fault.ZERO_PACKET_DOUBLED,
        Fault.SPLIT_HEADER,
    ):
        for size in (512 - HEADER, 600, 2 * MIB - HEADER):
            camera.fault = fault
            assert client.download(size=size) == [OK, True, size, size, pattern_crc(size)]
        works(camera, client)
    client.end()


def test_slow_data_is_not_lost_between_two_reads(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    for size in (200_000, MIB - HEADER):
        camera.fault = Fault.TRICKLE
        assert client.download(size=size) == [OK, True, size, size, pattern_crc(size)]
    works(camera, client)


def test_data_of_unknown_length(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    for size in (0, 500, 512, 65536 - HEADER, MIB, 2 * MIB - HEADER, 3_000_000):
        camera.fault = Fault.UNKNOWN_LENGTH
        assert client.download(size=size) == [OK, True, None, size, pattern_crc(size)]
    works(camera, client)


def test_data_phase_that_is_left_out_or_not_expected(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    camera.fault = Fault.NO_DATA
    assert client.download(size=1000) == [OK, False, None, 0, 0]
    camera.fault = Fault.UNEXPECTED_DATA
    assert client.ask() == ANSWER
    works(camera, client)


def test_camera_answers_before_it_has_all_data(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    camera.fault = Fault.ANSWER_EARLY
    assert client.upload(size=12_000_000) == OK
    works(camera, client)


def test_lies_end_the_connection_and_a_new_one_works(
    setup: tuple[FaultyCamera, Client],
) -> None:
    camera, client = setup
    for fault, complaint in {
        Fault.SHORT_DATA: "FramingError: the camera ended its data 1000 bytes before",
        Fault.LONG_DATA: "FramingError: the camera sent",
        Fault.GARBAGE: "FramingError: the camera sent a container of unknown type 99",
        Fault.WRONG_ID: "FramingError: the camera answered transaction",
    }.items():
        camera.fault = fault
        with pytest.raises(ClientError, match=complaint):
            client.download(size=5000)
        client.close()
        client.connect()
        works(camera, client)


def test_babble(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    camera.bulk_in.packet_size = 1000
    with pytest.raises(ClientError, match="FramingError: the camera sent more in one packet"):
        client.download(size=200_000)
    camera.bulk_in.packet_size = 512
    client.reset()
    works(camera, client)


def test_silence_has_a_limit(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    client.set_timeout(seconds=0.3)
    camera.fault = Fault.NO_RESPONSE
    with pytest.raises(ClientError, match=r"CameraTimeoutError: .* react for 0\.3 seconds"):
        client.ask()
    client.set_timeout(seconds=TIMEOUT)
    works(camera, client)
    client.set_timeout(seconds=0.3)
    taken = threading.Event()
    camera.fault = Fault.HALFWAY
    camera.halfway = lambda: taken.wait(TIMEOUT)
    with pytest.raises(ClientError, match=r"CameraTimeoutError: .* react for 0\.3 seconds"):
        client.upload(size=20_000_000)
    taken.set()
    client.close()
    client.connect()
    client.reset()
    camera.fault = Fault.NONE
    works(camera, client)


# ---- stalls -------------------------------------------------------------------------------------


def test_stall_left_by_another_client(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    camera.bulk_out.halt()
    assert client.ask() == ANSWER
    client.close()
    camera.bulk_in.halt()
    client.connect()
    works(camera, client)


def test_stall_in_a_data_phase(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    camera.fault = Fault.STALL_IN_DATA
    with pytest.raises(ClientError, match=STALLED):
        client.download(size=5_000_000)
    camera.fault = Fault.NONE
    works(camera, client)
    for size in (1000, 5_000_000):
        camera.fault = Fault.STALL_IN_DATA
        with pytest.raises(ClientError, match=STALLED):
            client.upload(size=size)
        camera.fault = Fault.NONE
        works(camera, client)


def test_answer_that_comes_late_after_a_stall(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    camera.fault = Fault.STALL_AND_ANSWER_LATE
    with pytest.raises(ClientError, match=STALLED):
        client.ask()
    camera.late_answer.wait()
    works(camera, client)


def test_stall_in_the_response_phase(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    camera.fault = Fault.STALL_BEFORE_RESPONSE
    assert client.ask() == ANSWER
    camera.fault = Fault.STALL_WITHOUT_RESPONSE
    with pytest.raises(ClientError, match=STALLED):
        client.ask()
    works(camera, client)


# ---- unplugging ---------------------------------------------------------------------------------


@pytest.mark.parametrize("libusb", ["system", "package"])
@pytest.mark.parametrize("direction", ["download", "upload"])
def test_unplugged_in_the_middle(usb_bus: UsbBus, libusb: str, direction: str) -> None:
    node, camera = usb_bus.plug()
    client = usb_bus.client(libusb)
    client.connect()
    unplugging = threading.Thread(target=usb_bus.bus.unplug, args=(node,))
    camera.fault = Fault.HALFWAY
    camera.halfway = unplugging.start
    with pytest.raises(ClientError, match=r"DisconnectedError: .*(unplugged|came loose)") as caught:
        getattr(client, direction)(size=20_000_000)
    assert "replug" in caught.value.hint
    unplugging.join()
    with pytest.raises(ClientError, match="DisconnectedError"):
        client.ask()
    client.close()

    _, camera = usb_bus.plug(7)
    assert client.connect() == "usb:001:007"
    works(camera, client)
    client.end()


# ---- ending a transaction early -----------------------------------------------------------------


@pytest.mark.parametrize("reason", ["cancel_at", "fail_at"])
def test_ended_by_class_request(setup: tuple[FaultyCamera, Client], reason: str) -> None:
    camera, client = setup
    for at in (1, 3_000_000, 20_000_000):
        for call in (client.download, client.upload):
            camera.class_requests.clear()
            with pytest.raises(ClientError, match=r"Cancelled|OSError: the disk is full"):
                call(size=20_000_000, **{reason: at})
            assert CANCEL_REQUEST in camera.class_requests
            assert DEVICE_RESET not in camera.class_requests
            works(camera, client)
    assert camera.sessions_ended == 0


def test_cancelled_while_the_camera_works(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    camera.fault = Fault.NO_RESPONSE
    with pytest.raises(ClientError, match="Cancelled"):
        client.cancel_while_waiting(seconds=0.1)
    works(camera, client)


def test_cancelled_on_a_camera_without_the_class_request(
    setup: tuple[FaultyCamera, Client],
) -> None:
    camera, client = setup
    camera.refused_class_requests = {CANCEL_REQUEST}
    with pytest.raises(ClientError, match="Cancelled"):
        client.download(size=20_000_000, cancel_at=1)
    assert camera.class_requests == [CANCEL_REQUEST]
    works(camera, client)
    with pytest.raises(ClientError, match="Cancelled"):
        client.upload(size=20_000_000, cancel_at=1)
    assert DEVICE_RESET in camera.class_requests
    assert camera.sessions_ended == 1
    works(camera, client)


def test_a_camera_that_never_comes_to_an_end_is_reset(
    setup: tuple[FaultyCamera, Client],
) -> None:
    camera, client = setup
    client.set_limits(DRAIN_LIMIT=0.3)
    camera.refused_class_requests = {CANCEL_REQUEST}
    camera.fault = Fault.ENDLESS
    with pytest.raises(ClientError, match="Cancelled"):
        client.download(size=1000, cancel_at=1)
    assert camera.class_requests[:2] == [CANCEL_REQUEST, DEVICE_RESET]
    assert set(camera.class_requests[2:]) == {GET_STATUS}
    assert camera.sessions_ended == 1
    camera.fault = Fault.NONE
    works(camera, client)


def test_more_data_than_makes_sense_is_ended_early(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    for size in (1001, 20_000_000):
        with pytest.raises(ClientError, match=r"AnswerTooLongError: .* at most 1000"):
            client.fetch(size=size, limit=1000)
        works(camera, client)
    camera.fault = Fault.UNKNOWN_LENGTH
    with pytest.raises(ClientError, match=r"AnswerTooLongError: .* more than 1000"):
        client.fetch(size=5_000_000, limit=1000)
    camera.fault = Fault.NONE
    assert client.fetch(size=1000, limit=1000) == 1000
    assert camera.sessions_ended == 0
    works(camera, client)


def test_client_that_was_killed(usb_bus: UsbBus) -> None:
    _, camera = usb_bus.plug()
    first, second = usb_bus.client(), usb_bus.client()
    first.connect()
    camera.fault = Fault.HALFWAY
    camera.halfway = first.begin_to_die
    with pytest.raises(ClientError, match="it died"):
        first.download(size=20_000_000)
    camera.fault = Fault.NONE
    second.connect()
    works(camera, second)
    second.end()


def test_reset(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    client.reset()
    assert DEVICE_RESET in camera.class_requests
    works(camera, client)
    camera.refused_class_requests = {DEVICE_RESET}
    client.reset()
    assert camera.sessions_ended == 2
    works(camera, client)


# ---- events -------------------------------------------------------------------------------------


def test_events(setup: tuple[FaultyCamera, Client]) -> None:
    camera, client = setup
    assert client.next_event(seconds=0.01) is None
    camera.send_event(Event(0x4002, 0, (7,)))
    camera.send_event(Event(0x400D, 3, (1, 2, 3)))
    assert client.next_event(seconds=TIMEOUT) == [0x4002, [7]]
    assert client.next_event(seconds=TIMEOUT) == [0x400D, [1, 2, 3]]
    threading.Timer(0.3, camera.send_event, (Event(0x4008, 0),)).start()
    assert client.next_event(seconds=TIMEOUT) == [0x4008, []]
    camera.events.write(b"\x10\0\0\0junk")
    camera.events.end()
    with pytest.raises(ClientError, match="FramingError"):
        client.next_event(seconds=TIMEOUT)
    works(camera, client)
