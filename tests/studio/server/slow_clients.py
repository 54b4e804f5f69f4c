"""Clients of a server that are slow, as a program of their own: ``slow_clients.py PORT COOKIE N``.

A line on standard output says that all have connected; standard input ends the program. Some say
nothing, some say a byte a second, some end in the middle, some ask and read nothing.
"""

import select
import socket
import sys
import time
from contextlib import suppress

port, cookie, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
host = f"127.0.0.1:{port}"
request = f"GET /health HTTP/1.1\r\nHost: {host}\r\nX-Slow: {'x' * 400}\r\n".encode()
page = f"GET /studio/app.js HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode()
body = (
    f"POST /tables?name=slow.csv HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
    f"Origin: http://{host}\r\nContent-Length: 100000\r\n\r\n"
).encode()
upgrade = (
    f"GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()
clients: list[tuple[socket.socket, bytes]] = []
for n in range(count):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    kind = n % 6
    with suppress(OSError):
        if kind == 2:
            client.sendall(request[:30])
            client.shutdown(socket.SHUT_WR)
        elif kind == 3:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(page)
        elif kind == 4:
            client.sendall(body)
        elif kind == 5:
            client.sendall(upgrade)
    clients.append((client, request if kind in (1, 4) else b""))
print("connected", flush=True)
sent = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    for client, words in clients:
        with suppress(OSError):
            client.send(words[sent % len(words) : sent % len(words) + 1] if words else b"")
    sent += 1
    time.sleep(1)
