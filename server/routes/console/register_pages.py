"""x。"""
from server.routes.console.page_frame import page_room
pages = page_room("register_pages".replace("_", "-"))
