"""What is known of PHP's own functions and its frameworks."""

from server.analysis.flow.models import Model
from server.analysis.php.models import language, symfony, wordpress

MODELS: tuple[Model, ...] = (*language.MODELS, *symfony.MODELS, *wordpress.MODELS)
