"""Making an account, signing in and out, who one is, and leaving for good."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Request
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


class Farewell(BaseModel):
    password: Text | None = Field(default=None, description="the user's own; a guest needs none")


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    username: str
    guest: bool = Field(description="made without a password; cannot sign in again")
    admin: bool = Field(description="may look after the server, see `sounditout admins`")
    created_at: datetime


class TokenOut(BaseModel):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  (RFC 6749 calls it so)
    expires_in: int = Field(description="seconds")


@router.post("/auth/register", status_code=201)
async def register(registration: Registration, services: ServicesDependency) -> UserOut:
    """Make an account. 409 when the name is taken."""
    return user_out(await services.accounts.register(registration.username, registration.password))


@router.post("/auth/token")
async def sign_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], request: Request, services: ServicesDependency
) -> TokenOut:
    """Get a token for a name and a password. 401 when they are wrong, 429 when they were wrong too often."""
    return _token(services, await services.accounts.sign_in(form.username, form.password, _address(request)))


@router.post("/auth/guest", status_code=201)
async def guest(request: Request, services: ServicesDependency) -> TokenOut:
    """Get a token for a new user without a name, to try things out. 429 when too many came from one address."""
    return _token(services, await services.accounts.guest(_address(request)))


@router.post("/auth/refresh")
async def refresh(identity: CurrentUser, services: ServicesDependency) -> TokenOut:
    """Get a newer token for one that still counts; the old one counts until its end. 401 a month after signing in."""
    token, lifetime = services.authenticator.renew(identity)
    return TokenOut(access_token=token, expires_in=lifetime)


@router.post("/auth/sign-out", status_code=204)
async def sign_out(identity: CurrentUser, services: ServicesDependency) -> None:
    """End every token of this user, on all devices; open connections are closed."""
    await services.accounts.sign_out(identity.user_id)


@router.get("/users/me")
async def me(identity: CurrentUser, services: ServicesDependency) -> UserOut:
    """Who the token belongs to."""
    async with services.database.reading() as db:
        user = await Users(db).by_id(identity.user_id)
    if user is None:
        raise Unauthorized
    return user_out(user)


@router.post("/users/me/account")
async def settle(registration: Registration, identity: CurrentUser, services: ServicesDependency) -> UserOut:
    """Make an account of a guest, with everything they read. 403 for who has one, 409 when the name is taken."""
    return user_out(await services.accounts.settle(identity.user_id, registration.username, registration.password))


@router.delete("/users/me", status_code=204)
async def delete_me(
    identity: CurrentUser,
    request: Request,
    services: ServicesDependency,
    farewell: Annotated[Farewell | None, Body()] = None,
) -> None:
    """Delete the user and everything of theirs. 401 when the password is wrong, 429 when it was too often."""
    password = farewell.password if farewell else None
    await services.accounts.delete(identity.user_id, password, _address(request))


def _address(request: Request) -> str:
    """Where the request comes from; of several on one machine, or on a Unix socket, nobody can tell."""
    return request.client.host if request.client else ""


def _token(services: Services, user: User) -> TokenOut:
    authenticator = services.authenticator
    return TokenOut(access_token=authenticator.issue(user), expires_in=authenticator.lifetime_seconds)


def user_out(user: User) -> UserOut:
    """A user as they see themselves."""
    return UserOut(
        id=user.id,
        username=user.username,
        guest=user.password_hash is None,
        admin=user.is_admin,
        created_at=user.created_at,
    )
