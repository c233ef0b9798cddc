"""The URLs of every tenant's site."""

from django.contrib import admin
from django.urls import include, path

from board.api.site import api

urlpatterns = [path("night/", include("board.urls")), path("admin/", admin.site.urls), path("api/", api.urls)]
