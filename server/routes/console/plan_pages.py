"""x。"""
from server.routes.console.page_frame import page_room
pages = page_room("plan_pages".replace("_", "-"))
