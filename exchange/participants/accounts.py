"""How people sign in: django-allauth, with the secrets of second factors encrypted at rest."""

from allauth.mfa.adapter import DefaultMFAAdapter

from exchange.participants import vault


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps TOTP secrets and recovery seeds under the vault's own key, which is not in the database."""

    def encrypt(self, text: str) -> str:
        return vault.wrap(text)

    def decrypt(self, encrypted_text: str) -> str:
        return vault.unwrap(encrypted_text)
