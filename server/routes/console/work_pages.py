"""x。"""
from server.routes.console.page_frame import page_room
pages = page_room("work_pages".replace("_", "-"))
