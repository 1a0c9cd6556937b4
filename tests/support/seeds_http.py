"""Seeds of the fuzz target http: what clients send, by RFC 9110, RFC 9112 and the text of tus 1.0.0,
and some of what docs/protocols/http.md §2 refuses."""

HOST = "Host: gw.example\r\n"
TUS = HOST + "Tus-Resumable: 1.0.0\r\n"
OCTETS = "Content-Type: application/offset+octet-stream\r\n"


def head(first, fields=HOST):
    return f"{first} HTTP/1.1\r\n{fields}\r\n"


def connections():
    create = head("POST /v1/uploads", TUS + "Upload-Length: 11\r\nUpload-Metadata: name bWFw,empty\r\n")
    patch = "PATCH /v1/uploads/u0"
    first = head(patch, TUS + OCTETS + "Upload-Offset: 0\r\nContent-Length: 6\r\n") + "hello "
    second = head(patch, TUS + OCTETS + "Upload-Offset: 6\r\nContent-Length: 5\r\n") + "world"
    yield "curl-get", head("GET /v1/packages/7", HOST + "User-Agent: curl/7.88.1\r\nAccept: */*\r\n")
    yield "browser-get", head(
        "GET /v1/file?a=1&b=%E5%9B%BE",
        HOST + "Accept: text/html, */*;q=0.8\r\nAccept-Encoding: gzip, br\r\nCookie: a=b\r\n"
        "Cookie: c=d\r\nConnection: keep-alive\r\n",
    )
    yield "head", head("HEAD /v1/file")
    yield "post", head("POST /v1/packages", HOST + "Content-Length: 12\r\n") + "sealed bytes"
    yield "post-cut", head("POST /v1/packages", HOST + "Content-Length: 12\r\n") + "sealed"
    yield "post-expect", head(
        "POST /v1/packages", HOST + "Expect: 100-continue\r\nContent-Length: 4\r\n"
    ) + "body"
    yield "post-too-long", head("POST /v1/packages", HOST + "Content-Length: 999999\r\n")
    yield "close", head("GET /v1/file", HOST + "Connection: Close, te\r\n") + head("GET /v1/file")
    yield "not-found", head("GET /elsewhere")
    yield "not-allowed", head("DELETE /v1/packages")
    yield "absolute-form", head("GET https://gw.example/v1/file")
    yield "range", head("GET /v1/file", HOST + "Range: bytes=3-9\r\nIf-Range: \"abc\"\r\n")
    yield "range-from", head("GET /v1/file", HOST + "Range: bytes=30-\r\n")
    yield "range-last", head("GET /v1/file", HOST + "Range: bytes=-5\r\n")
    yield "range-beyond", head("GET /v1/file", HOST + "Range: bytes=99-\r\n")
    yield "if-match", head("GET /v1/file", HOST + 'If-Match: "x", "y"\r\n')
    yield "if-none-match", head("GET /v1/file", HOST + 'If-None-Match: W/"abc"\r\n')
    yield "tus-options", head("OPTIONS /v1/uploads")
    yield "tus-whole", create + first + head("HEAD /v1/uploads/u0", TUS) + second
    yield "tus-again", create + first + second + head(
        patch, TUS + OCTETS + "Upload-Offset: 11\r\nContent-Length: 0\r\n"
    )
    yield "tus-conflict", create + second
    yield "tus-more", create + head(
        patch, TUS + OCTETS + "Upload-Offset: 0\r\nContent-Length: 12\r\n"
    ) + "hello world!"
    yield "tus-terminate", create + head("DELETE /v1/uploads/u0", TUS) + first
    yield "tus-empty", head("POST /v1/uploads", TUS + "Upload-Length: 0\r\n")
    yield "tus-version", head("POST /v1/uploads", HOST + "Tus-Resumable: 0.2.2\r\n")
    yield "tus-deferred", head("POST /v1/uploads", TUS + "Upload-Defer-Length: 1\r\n")
    yield "tus-override", head("POST /v1/uploads", TUS + "X-HTTP-Method-Override: PATCH\r\n")
    # Refused heads.
    yield "chunked", head("POST /v1/packages", HOST + "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n"
    yield "two-lengths", head(
        "POST /v1/packages", HOST + "Content-Length: 4\r\nContent-Length: 4\r\n"
    ) + "body"
    yield "signed-length", head("POST /v1/packages", HOST + "Content-Length: +4\r\n") + "body"
    yield "folded", head("GET /v1/file", HOST + "X-A: b\r\n c\r\n")
    yield "space-colon", head("GET /v1/file", "Host : gw.example\r\n")
    yield "bare-lf", "GET /v1/file HTTP/1.1\nHost: gw\n\n"
    yield "no-host", head("GET /v1/file", "")
    yield "http-1.0", "GET /v1/file HTTP/1.0\r\nHost: gw\r\n\r\n"
    yield "preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield "upgrade", head("GET /v1/file", HOST + "Connection: Upgrade\r\nUpgrade: websocket\r\n")


def answers():
    yield "answer-200", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: \"abc\"\r\n\r\n"
    yield "answer-206", (
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 3-9/36\r\nContent-Length: 7\r\n\r\n"
    )
    yield "answer-204", "HTTP/1.1 204 No Content\r\nUpload-Offset: 6\r\nConnection: close\r\n\r\n"
    yield "answer-100", "HTTP/1.1 100 Continue\r\n\r\n"
    yield "answer-no-phrase", "HTTP/1.1 999 \r\n\r\n"


def targets():
    for number, target in enumerate(
        (
            "/", "/v1/packages/0123?lang=zh&x=a+b%20c&empty=&bare", "https://gw.example/a/b",
            "/%E5%9B%BE/%2e%2e", "/a//b", "/a%2fb", "/a/", "/a?k=1&k=2", "/a#b", "*",
        )
    ):  # fmt: skip
        yield f"target-{number}", target


def http():
    for name, text in connections():
        yield name, b"\0" + text.encode()
    for name, text in answers():
        yield name, b"\1" + text.encode()
    for name, text in targets():
        yield name, b"\2" + text.encode()
    size = (36).to_bytes(2, "big")
    yield "ranges", b"\3" + size + b'bytes=3-9\n"x", W/"abc"'
    yield "ranges-last", b"\3" + size + b"Bytes= -40\n*"
    yield "ranges-several", b"\3" + size + b'bytes=0-1,5-6\n"abc"'
    yield "metadata", b"\4" + b"name bWFwLmdwa2c=, type dGV4dA==,flag"
    yield "metadata-twice", b"\4" + b"a YQ==,a Yg=="
    yield "metadata-base64", b"\4" + b"a YQ"
    yield "content-range", b"\5" + b"bytes 3-9/36"
    yield "content-range-open", b"\5" + b"bytes 3-9/*"
