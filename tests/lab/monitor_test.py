#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of monitor.py against an emulator that is a thread."""

import json
import os
import socket
import sys
import threading
import unittest

sys.dont_write_bytecode = True

import monitor  # noqa: E402  (needs the line above)


def _play(fd, answer):
    with socket.socket(fileno=fd) as link, link.makefile("rw", encoding="ascii") as file:
        file.write('{"QMP": {"version": {}}}\n{"event": "RESUME"}\n')
        file.flush()
        for command in file:
            reply = answer(json.loads(command))
            if reply is None:
                return
            file.write(json.dumps(reply) + "\n")
            file.flush()


class MonitorTest(unittest.TestCase):
    def ask(self, answer):
        emulator = monitor.Monitor()
        descriptor = os.dup(emulator.fd)
        emulator.started()
        player = threading.Thread(target=_play, args=(descriptor, answer))
        player.start()
        text = emulator.processors("arm64")
        emulator.close()
        player.join()
        return text

    def test_answers_are_joined_without_the_registers_of_programs(self):
        def answer(command):
            if command["execute"] == "qmp_capabilities":
                return {"return": {}}
            question = command["arguments"]["command-line"]
            return {"return": f"{question}\r\n\r\n PC=0010\r\nQ00=0 Q01=0\r\nFPCR=0\r\n"}

        self.assertEqual(self.ask(answer),
                         "info status\n PC=0010\ninfo registers\n PC=0010")

    def test_refusal_is_told(self):
        text = self.ask(lambda command: {"error": {"desc": "not now"}})
        self.assertIn("qmp_capabilities: not now", text)

    def test_end_of_the_emulator_is_told(self):
        self.assertIn("it has ended", self.ask(lambda command: None))


if __name__ == "__main__":
    unittest.main()
