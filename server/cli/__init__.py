"""运维命令：`python -m server.cli --help`。"""
