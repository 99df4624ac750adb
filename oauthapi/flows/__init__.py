"""What happens between a parsed request and its answer; knows neither DRF nor HttpRequest."""
