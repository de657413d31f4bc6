"""OpenID Connect: signing in with a government's provider, by the authorization code flow with PKCE."""

from procurement.infra.oidc.provider import Answer, Provider, Providers
from procurement.infra.oidc.registered import Registered, registered

__all__ = ["Answer", "Provider", "Providers", "Registered", "registered"]
