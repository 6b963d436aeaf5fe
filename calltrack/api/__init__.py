"""The manners of `/api/`: how bodies are read, answers chosen, requests counted."""
