"""Pollers that prove the grading: good ones in three styles, and bad ones with one misdeed each."""
