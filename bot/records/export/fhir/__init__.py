"""Records as FHIR R4 resources, each known outside by its identifier."""
