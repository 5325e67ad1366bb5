"""所有路由蓝图的名单：新的一扇窗在这里登记。"""

from __future__ import annotations

from flask import Blueprint

from server.routes import app, health, reference
from server.routes.blueprint import Rooms
from server.routes.console import (
    assignments,
    bulletins,
    calendars,
    check_pages,
    checklists,
    deadlines,
    draw_pages,
    draws,
    imports,
    matters,
    odk_keys,
    officer_facts,
    officers,
    organisations,
    pages,
    phone_pages,
    plan_pages,
    plans,
    questions,
    register_pages,
    registers,
    session,
    submissions,
    unsent,
    users,
    violations,
    work_pages,
)
from server.routes.console import checks as console_checks
from server.routes.field import assignments as field_assignments
from server.routes.field import checks, packages, photos, sync, tokens, uploads
from server.routes.openrosa import forms as openrosa_forms
from server.routes.openrosa import submission as openrosa_submission
from server.routes.public import bulletins as public_bulletins
from server.routes.public import cases as public_cases
from server.routes.public import draws as public_draws
from server.routes.public import exports as public_exports
from server.routes.public import pages as public_pages
from server.routes.public import receipts as public_receipts
from server.routes.public import transparency as public_log

API_ROOMS: tuple[Rooms, ...] = (
    tokens.blp,
    packages.blp,
    checks.blp,
    photos.blp,
    uploads.blp,
    field_assignments.blp,
    sync.blp,
    session.blp,
    users.blp,
    registers.blp,
    plans.blp,
    imports.blp,
    organisations.blp,
    officers.blp,
    officer_facts.blp,
    matters.blp,
    odk_keys.blp,
    checklists.blp,
    draws.blp,
    assignments.blp,
    deadlines.blp,
    calendars.blp,
    console_checks.blp,
    submissions.blp,
    violations.blp,
    questions.blp,
    unsent.blp,
    bulletins.blp,
    public_bulletins.blp,
    public_cases.blp,
    public_draws.blp,
    public_exports.blp,
    public_log.blp,
    public_receipts.blp,
    health.blp,
)
PAGE_ROOMS: tuple[Blueprint, ...] = (
    reference.pages,
    app.pages,
    public_pages.pages,
    public_draws.pages,
    public_log.pages,
    public_receipts.pages,
    pages.pages,
    draw_pages.pages,
    plan_pages.pages,
    register_pages.pages,
    work_pages.pages,
    check_pages.pages,
    phone_pages.pages,
    openrosa_forms.blp,
    openrosa_submission.blp,
)
