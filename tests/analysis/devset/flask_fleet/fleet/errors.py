class FleetError(Exception):
    status = 400
    message = "bad request"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)
        if message:
            self.message = message


class NotFound(FleetError):
    status = 404
    message = "not found"


class Forbidden(FleetError):
    status = 403
    message = "forbidden"
