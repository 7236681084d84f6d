"""Calls of AWS: clients, descriptions, retries and polling."""
