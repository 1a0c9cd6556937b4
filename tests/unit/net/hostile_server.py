"""A TLS server that answers each connection with fixed bytes. Arguments: server PEM, key PEM,
authority PEM, then one answer a connection (Python escapes; "@N" sends N bytes of a huge answer;
a leading "!" closes without reading the request). Prints its port first."""
import socket
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
context.load_verify_locations(sys.argv[3])
context.verify_mode = ssl.CERT_REQUIRED
listener = socket.create_server(("127.0.0.1", 0))
listener.settimeout(20)
print(listener.getsockname()[1], flush=True)
for answer in sys.argv[4:]:
    raw, _ = listener.accept()
    raw.settimeout(20)
    try:
        with context.wrap_socket(raw, server_side=True) as peer:
            if not answer.startswith("!"):
                peer.recv(65536)
            text = answer.lstrip("!").encode().decode("unicode_escape").encode("latin-1")
            if text.startswith(b"@"):
                text = b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * int(text[1:])
            peer.sendall(text)
    except OSError:
        pass
