"""Raw attackers of the server. Usage: attacker.py PORT CERT KEY CA ACT [ARGUMENT…]

Each act prints one line a connection: the status of the answer, or how the connection ended.
"""
import re
import socket
import ssl
import sys
import time

port, cert, key, ca, act = int(sys.argv[1]), *sys.argv[2:6]
rest = sys.argv[6:]


def connect(with_certificate=True):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    if with_certificate:
        context.load_cert_chain(cert, key)
    raw = socket.create_connection(("127.0.0.1", port), timeout=20)
    return context.wrap_socket(raw, server_hostname="localhost")


def answers(peer):
    """Statuses of all answers until the server closes."""
    seen = b""
    try:
        while True:
            piece = peer.recv(65536)
            if not piece:
                break
            seen += piece
    except TimeoutError:
        return "open"
    except OSError as error:
        if not seen:
            return "refused" if "ALERT" in str(error).upper() else "cut"
    found = re.findall(rb"HTTP/1\.1 (\d{3}) ", seen)
    return b" ".join(found).decode() or "closed"


def send(text):
    with connect() as peer:
        peer.sendall(text.encode().decode("unicode_escape").encode("latin-1"))
        return answers(peer)


if act == "raw":  # each argument on its own connection
    for text in rest:
        print(send(text))
elif act == "header":  # a header of N bytes
    start = "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Long: "
    print(send(start + "a" * (int(rest[0]) - len(start) - 4) + "\r\n\r\n"))
elif act == "slow-header":  # one byte each 50 ms, no end
    with connect() as peer:
        peer.settimeout(0.05)
        peer.sendall(b"GET /hello HTTP/1.1\r\nHost: h\r\nX: ")
        for _ in range(400):
            try:
                peer.sendall(b"a")
                if peer.recv(65536).startswith(b"HTTP/1.1 408"):
                    print("408")
                    break
                print("closed")
                break
            except TimeoutError:
                continue
            except OSError:
                print("cut")
                break
        else:
            print("open")
elif act == "slow-body":
    with connect() as peer:
        peer.sendall(b"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
        peer.settimeout(0.05)
        for _ in range(400):
            try:
                peer.sendall(b"a")
                piece = peer.recv(65536)
                print(piece[9:12].decode() or "closed")
                break
            except TimeoutError:
                continue
            except OSError:
                print("cut")
                break
        else:
            print("open")
elif act == "slow-reader":  # asks for a big file and does not read
    with connect() as peer:
        peer.sendall(b"GET /big HTTP/1.1\r\nHost: h\r\n\r\n")
        time.sleep(float(rest[0]))
        total = 0
        try:
            while True:
                piece = peer.recv(1 << 20)
                if not piece:
                    break
                total += len(piece)
        except OSError:
            pass
        print("whole" if total > int(rest[1]) else "cut")
elif act == "silent":  # TCP only, no handshake
    raw = socket.create_connection(("127.0.0.1", port), timeout=20)
    print("closed" if raw.recv(1) == b"" else "data")
elif act == "cuts":  # a body of N bytes, cut after each given number, by FIN or by RST
    size = int(rest[0])
    for number, point in enumerate(map(int, rest[1:])):
        peer = connect()
        head = f"POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n".encode()
        peer.sendall((head + b"b" * size)[: len(head) + point])
        if number % 3 == 0:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        elif number % 3 == 1:
            peer.settimeout(0.2)
            try:
                peer.unwrap()  # a proper close_notify, in the middle of a body
            except OSError:
                pass
        peer.close()
    print("done")
elif act == "crowd":  # N connections with a certificate, each asks once and stays
    peers = []
    for _ in range(int(rest[0])):
        try:
            peer = connect()
            peer.sendall(b"GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            peers.append(peer)
            print(peer.recv(65536)[9:12].decode() or "closed")
        except OSError:
            print("refused")
elif act == "anonymous":
    try:
        with connect(with_certificate=False) as peer:
            peer.sendall(b"GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            print(answers(peer))
    except ssl.SSLError:
        print("refused")
