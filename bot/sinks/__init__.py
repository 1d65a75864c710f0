"""Where records go as they are written: a webhook of the plan's, a FHIR server."""
