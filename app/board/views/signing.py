"""Signing in and out: Django's own, with the board's headers and an honest status for those who must wait."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.utils.decorators import method_decorator

from board.forms import SignInForm
from board.views.guard import with_headers


@method_decorator(with_headers, name="dispatch")
class SignIn(LoginView):
    """Sign in with a name and a password."""

    template_name = "board/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Say 429 to whoever has to wait."""
        response = super().form_invalid(form)
        if form.has_error("__all__", "limited"):
            response.status_code = 429
        return response


@method_decorator(with_headers, name="dispatch")
class SignOut(LogoutView):
    """Sign out, by POST only."""

    next_page = "board:sign-in"
