# Sends datagrams, which need nobody to answer, and asks for names. There is no way out for a datagram either. A pair of
# sockets inside shows that it tried.
#
# images: ["python"]
# outcome: "success"
# value: ["inside"]
import socket


def handler(inputs, context):
    sent = []
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    if one.send(b"x") == 1:
        sent.append("inside")
    for family, place in (
        (socket.AF_INET, ("8.8.8.8", 53)),
        (socket.AF_INET, ("255.255.255.255", 67)),
        (socket.AF_INET, ("224.0.0.251", 5353)),
        (socket.AF_INET6, ("ff02::1", 5353)),
        (socket.AF_INET, ("169.254.169.254", 80)),
    ):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as outside:
                outside.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                outside.sendto(b"x", place)
            sent.append(place[0])
        except OSError:
            pass
    try:
        sent.append(socket.getaddrinfo("example.com", 80)[0][4][0])
    except OSError:
        pass
    return sent
