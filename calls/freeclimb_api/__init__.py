"""`/apiserver/Accounts/{accountId}/…`: what we know, read as FreeClimb's own REST API is, so
that its SDKs work against us. Read-only.

Shapes, words and parameters: FreeClimb's OpenAPI file and https://docs.freeclimb.com/reference/.
What we do not keep of a resource is null, and a filter on it finds nothing. Participants are all
that ever were in a conference: FreeClimb itself lists those who still are.
"""
