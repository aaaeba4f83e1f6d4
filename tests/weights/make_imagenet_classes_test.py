"""Tests of the class names in the header; run by: python3 -m unittest tests/weights/make_imagenet_classes_test.py"""

import importlib.util
import re
import sys
import unittest
from pathlib import Path

if importlib.util.find_spec("numpy") is None:
    raise unittest.SkipTest("numpy is not installed")  # the generator shares the downloading of convert.py

WEIGHTS = Path(__file__).resolve().parent.parent.parent / "weights"
sys.dont_write_bytecode = True
sys.path.insert(0, str(WEIGHTS))
import make_imagenet_classes as maker  # noqa: E402


class ImagenetClasses(unittest.TestCase):
    def setUp(self):
        self.text = maker.HEADER.read_text()
        self.classes = re.findall(r'\{"(n\d{8})", "([^"]+)"\}', self.text)

    def test_the_header_holds_keras_classes_in_keras_order(self):
        self.assertEqual(len(self.classes), 1000)
        maker.check_classes(self.classes)  # by the MD5 of Keras's own list

    def test_a_changed_name_is_noticed(self):
        with self.assertRaisesRegex(maker.ConvertError, "differs from Keras's imagenet_class_index.json"):
            maker.check_classes([*self.classes[:-1], (self.classes[-1][0], "toilet_paper")])

    def test_the_header_is_what_the_generator_writes(self):
        self.assertEqual(maker.format_header(self.classes), self.text)


if __name__ == "__main__":
    unittest.main()
