"""A telephone call without a telephone: Twilio's side of the voice webhooks, on a clock by hand."""
