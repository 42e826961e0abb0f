"""The addresses by which devices log in (RFC 8628), and where operators decide about them."""

from server.api import device_page, devices
from server.api.route import Route
from server.security.devices import WaitingLogin
from server.security.principal import Permission

DEVICE_ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=device_page.PATH,
        handle=device_page.page,
        permission=None,
        query=device_page.PageQuery,
        summary="The page on which an operator lets a device in, or turns it away",
    ),
    Route(
        method="POST",
        path="/api/v1/device/code",
        handle=devices.begin,
        permission=None,
        body=devices.CodeWish,
        body_limit_bytes=4096,
        body_is_form=True,
        summary="Begin to log a device in (RFC 8628): a secret for it, and a code for its person to read out",
        answers=devices.CodeGiven,
    ),
    Route(
        method="POST",
        path="/api/v1/device/token",
        handle=devices.token,
        permission=None,
        body=devices.TokenWish,
        body_limit_bytes=4096,
        body_is_form=True,
        summary="Whether the login was approved: its key, once",
        answers=devices.TokenGiven,
    ),
    Route(
        method="POST",
        path="/api/v1/device/look",
        handle=devices.look,
        permission=Permission.ADMIN,
        body=devices.Looking,
        summary="Which device shows this code: to be looked at before it is let in",
        answers=WaitingLogin,
    ),
    Route(
        method="POST",
        path="/api/v1/device/approve",
        handle=devices.approve,
        permission=Permission.ADMIN,
        body=devices.Deciding,
        summary="Let the device in that shows this code; it gets a key with the scope write, good for 90 days",
        answers=WaitingLogin,
    ),
    Route(
        method="POST",
        path="/api/v1/device/deny",
        handle=devices.deny,
        permission=Permission.ADMIN,
        body=devices.Denying,
        summary="Do not let the device in that shows this code",
        answers=WaitingLogin,
    ),
    Route(
        method="GET",
        path="/api/v1/device",
        handle=devices.list_waiting,
        permission=Permission.ADMIN,
        summary="Devices that wait to be let in, without their codes",
        answers=devices.WaitingList,
    ),
)
