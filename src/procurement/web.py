"""What the process that serves pages and programs is told to load: the application, imported and made in one go."""

from litestar import Litestar

from procurement.infra.lasting import for_good


def create_app() -> Litestar:
    with for_good():
        from procurement import app

        return app.create_app()
