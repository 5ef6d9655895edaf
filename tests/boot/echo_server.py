#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends back what it gets, on TCP and, where the host has it, vsock, until it is ended.

    tests/boot/echo_server.py [PORT]      7007

Prints "ready" when clients can connect, so that a script can wait for that line.
"""

import asyncio
import os
import signal
import socket
import sys


async def echo(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except ConnectionError:
        pass
    finally:
        writer.close()


def vsock_listener(port):
    """A listening vsock socket, or None on a host without vsock."""
    try:
        # The kernel loads its module when the device is opened, not for a socket.
        os.close(os.open("/dev/vhost-vsock", os.O_RDWR))
    except OSError:
        pass
    try:
        listener = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
        listener.bind((socket.VMADDR_CID_ANY, port))
    except OSError:
        return None
    listener.listen()
    listener.setblocking(False)
    return listener


async def serve_vsock(listener):
    # asyncio's servers know only of internet and unix sockets.
    loop = asyncio.get_running_loop()
    clients = set()
    while True:
        client, _ = await loop.sock_accept(listener)
        task = asyncio.create_task(echo_vsock(client))
        clients.add(task)
        task.add_done_callback(clients.discard)


async def echo_vsock(client):
    loop = asyncio.get_running_loop()
    client.setblocking(False)
    with client:
        try:
            while data := await loop.sock_recv(client, 1 << 16):
                await loop.sock_sendall(client, data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass


async def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 7007
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    tcp = await asyncio.start_server(echo, "0.0.0.0", port)
    listener = vsock_listener(port)
    vsock = asyncio.create_task(serve_vsock(listener)) if listener else None
    print("ready", flush=True)
    await ended.wait()
    if vsock:
        vsock.cancel()
    tcp.close()


if __name__ == "__main__":
    asyncio.run(main())
