"""The types of Go's web frameworks that several tables speak of."""

GIN = "github_com.gin-gonic.gin.Context"
ECHO = tuple(f"github_com.labstack.echo{version}.Context" for version in ("", ".v4", ".v5"))
FIBER = tuple(f"github_com.gofiber.fiber{version}.Ctx" for version in ("", ".v2", ".v3"))
