"""从环境建出应用；别的什么也不做。"""

from server.app import create_app

app = create_app()
