# SPDX-License-Identifier: Apache-2.0
import unittest

import support

kernels = support.load("kernels.py")


class Manifest(unittest.TestCase):
    def setUp(self):
        self.manifest = kernels.manifest()

    def test_every_kernel_says_where_it_comes_from(self):
        for name, entry in self.manifest["kernels"].items():
            with self.subTest(name):
                self.assertTrue(entry["package"].startswith("linux-image-"))
                self.assertIn(entry["arch"], ("amd64", "arm64"))
                self.assertTrue(entry["package"].endswith(entry["arch"]))
                self.assertTrue(entry["purpose"])

    def test_every_image_has_a_kernel_of_its_architecture(self):
        for name, entry in self.manifest["images"].items():
            with self.subTest(name):
                kernel = self.manifest["kernels"][entry["kernel"]]
                self.assertEqual(kernel["arch"], entry["arch"])
                self.assertEqual(kernel["suite"].split("-")[0], entry["suite"])

    def test_an_unknown_kernel_is_answered_with_the_known_ones(self):
        with self.assertRaisesRegex(Exception, "cloud-6.1"):
            kernels.fetch("cloud-0.1")


if __name__ == "__main__":
    unittest.main()
