"""Making an account, signing in, and who one is."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel, ConfigDict, Field

from sounditout.dependencies import CurrentUser, ServicesDependency
from sounditout.errors import Unauthorized
from sounditout.messages import Text
from sounditout.persistence.repositories import Users
from sounditout.persistence.tables import User
from sounditout.services import Services

router = APIRouter(prefix="/api", tags=["accounts"])


class Registration(BaseModel):
    username: str = Field(description="3 to 64 characters; capitals make no difference")
    password: Text = Field(description="8 to 128 characters")


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    username: str
    guest: bool = Field(description="made without a password; cannot sign in again")
    created_at: datetime


class TokenOut(BaseModel):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  (RFC 6749 calls it so)
    expires_in: int = Field(description="seconds")


@router.post("/auth/register", status_code=201)
async def register(registration: Registration, services: ServicesDependency) -> UserOut:
    """Make an account. 409 when the name is taken."""
    return _user_out(await services.accounts.register(registration.username, registration.password))


@router.post("/auth/token")
async def sign_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], request: Request, services: ServicesDependency
) -> TokenOut:
    """Get a token for a name and a password. 401 when they are wrong, 429 when they were wrong too often."""
    address = request.client.host if request.client else ""
    return _token(services, await services.accounts.sign_in(form.username, form.password, address))


@router.post("/auth/guest", status_code=201)
async def guest(services: ServicesDependency) -> TokenOut:
    """Get a token for a new user without a name, to try things out."""
    return _token(services, await services.accounts.guest())


@router.get("/users/me")
async def me(identity: CurrentUser, services: ServicesDependency) -> UserOut:
    """Who the token belongs to."""
    async with services.database.reading() as db:
        user = await Users(db).by_id(identity.user_id)
    if user is None:
        raise Unauthorized
    return _user_out(user)


def _token(services: Services, user: User) -> TokenOut:
    authenticator = services.authenticator
    return TokenOut(access_token=authenticator.issue(user), expires_in=authenticator.lifetime_seconds)


def _user_out(user: User) -> UserOut:
    return UserOut(id=user.id, username=user.username, guest=user.password_hash is None, created_at=user.created_at)
