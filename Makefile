# 质鉴的全部命令；`make help` 列出它们。
# 变量：ONCE=1 演完就停  PHOTOS=目录 用真照片  PORT=端口  DATA=数据目录  T=只跑这些测试

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
PYTHON ?= python3.11
PY := .venv/bin/python
DATA ?= $(or $(ZHIJIAN_DATA),.data)
export PYTHON
# Compiled modules are kept whatever the shell says: every process of the stack starts twice as fast.
unexport PYTHONDONTWRITEBYTECODE
demo serve settings db worker: export ZHIJIAN_DATA := $(DATA)

.PHONY: help demo serve test test-fast setup setup-test web settings db worker bench golden vectors checklists lint fix docs lock clean

help: ## 列出命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@sed -n '2s/^# /  /p' $(firstword $(MAKEFILE_LIST))

demo: setup ## 装好、起全部进程、演完整的一季，Ctrl-C 停（ONCE=1 演完就停，PHOTOS=目录 用真照片）
	@exec $(PY) -m server.embedded demo $(if $(ONCE),--once) $(if $(PHOTOS),--photos '$(PHOTOS)') $(if $(PORT),--port $(PORT))

serve: setup ## 装好、起一套空的，Ctrl-C 停
	@exec $(PY) -m server.embedded serve $(if $(PORT),--port $(PORT))

test: setup-test lint ## 装好测试要用的，起临时数据库，跑全部检查和测试（T=路径 只跑一部分）
	@exec $(PY) .ci/postgres.py .venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder $(T)

test-fast: setup-test ## 只跑不要数据库服务的单元测试（T=路径）
	@exec .venv/bin/pytest -m 'not slow' $(or $(T),tests/unit)

setup: ## 装好运行要用的（缺什么装什么，装过就跳过）
	@.ci/setup.sh run

setup-test:
	@.ci/setup.sh test

web: setup ## 构建手机应用（源码没变就跳过）
	@exec $(PY) .ci/web.py

settings: setup ## 列出每个设置的值和来处，机密遮住
	@exec $(PY) -m server.cli settings

db: setup ## 把数据库结构迁到当前版本
	@exec $(PY) -m server.cli migrate

worker: setup ## 单起一个后台（消息服务由设置指定）
	@exec $(PY) -m celery -A workers.app:celery worker --loglevel INFO

bench: setup-test ## 并排测速，结果写进 docs/performance.md
	@exec $(PY) .ci/postgres.py $(PY) -m bench

golden: setup-test ## 重写 tests/golden 里的样本，改动请逐行看过再提交
	@ZHIJIAN_TEST_GOLDEN=rewrite exec $(PY) .ci/postgres.py .venv/bin/pytest tests/unit tests/api tests/openrosa -k golden

vectors: setup-test ## 重写判定的共用例子 tests/vectors，改动请逐行看过再提交
	@exec $(PY) -m tests.vectors.make

checklists: setup ## 检查全部检查单和它们的例子
	@exec $(PY) -m server.cli checklists check checklists

lint: setup-test ## 格式、规则、房间之间的导入、类型
	@exec $(PY) .ci/lint.py

fix: setup-test ## 自动改格式和能改的规则
	@.venv/bin/ruff format --quiet .
	@.venv/bin/ruff check --quiet --fix .

docs: setup ## 重新生成 docs/api 里的接口说明
	@exec $(PY) -m server.cli openapi docs/api

lock: setup-test ## 按 pyproject.toml 重新锁定两份依赖（要网络）
	@$(PY) -m venv build/uv && build/uv/bin/pip install -q uv==0.13.8
	@build/uv/bin/uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --custom-compile-command 'make lock' pyproject.toml -o requirements.txt
	@build/uv/bin/uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --custom-compile-command 'make lock' pyproject.toml --group dev -c requirements.txt -o .ci/requirements-dev.txt

clean: ## 删去生成的东西和缓存（.venv 和数据目录不动）
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .schemathesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
