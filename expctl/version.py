"""The version of expctl, where importing it costs nothing."""

VERSION = "0.1.0"
