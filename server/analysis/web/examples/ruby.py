"""Small projects of Ruby for the rules of web applications: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_APPLICATION = """\
class ApplicationController < ActionController::Base
  before_action :require_login

  private

  def current_user
    @current_user ||= User.find_by(id: session[:user_id])
  end

  def require_login
    redirect_to login_path unless current_user
  end
end
"""
_BOOKING = "class Booking < ApplicationRecord\n  belongs_to :user\nend\n"
_HEAD = "class BookingsController < ApplicationController\n"
_SHOW = "  def show\n    @booking = Booking.find(params[:id])\n  end\nend\n"
_SESSIONS = "class SessionsController < ApplicationController\n  skip_before_action :require_login\n\n"
_CHECK = "    user = User.find_by(email: params[:email])\n    if user&.authenticate(params[:password])\n"


def _app(controller: str) -> Files:
    return {
        "app/controllers/application_controller.rb": _APPLICATION,
        "app/models/booking.rb": _BOOKING,
        "app/controllers/bookings_controller.rb": controller,
    }


BAD: Mapping[str, tuple[Files, ...]] = {
    "foreign-object": (_app(_HEAD + _SHOW),),
    "missing-authentication": (
        _app(
            _HEAD
            + "  skip_before_action :require_login, only: :destroy_all\n\n  def index\n"
            + "    @bookings = current_user.bookings\n  end\n\n  def destroy_all\n    Booking.delete_all\n  end\nend\n"
        ),
    ),
    "missing-role-check": (
        {
            "app/controllers/application_controller.rb": _APPLICATION,
            "app/controllers/admin/users_controller.rb": "module Admin\n"
            "  class UsersController < ApplicationController\n"
            "    def destroy\n      User.find(params[:id]).destroy\n    end\n  end\nend\n",
        },
    ),
    "unlimited-attempts": (
        {
            "app/controllers/application_controller.rb": _APPLICATION,
            "app/controllers/sessions_controller.rb": _SESSIONS
            + "  def create\n"
            + _CHECK
            + "      reset_session\n      session[:user_id] = user.id\n    end\n  end\nend\n",
        },
    ),
    "session-fixation": (
        {
            "app/controllers/sessions_controller.rb": _SESSIONS
            + "  rate_limit to: 10, within: 3.minutes, only: :create\n\n  def create\n"
            + _CHECK
            + "      session[:user_id] = user.id\n    end\n  end\nend\n",
        },
    ),
    "mass-assignment": (
        _app(_HEAD + "  def update\n    current_user.update(params.require(:user).permit!)\n  end\nend\n"),
    ),
    "error-details": (
        _app(
            _HEAD
            + "  def create\n    Booking.create!(user: current_user)\n  rescue StandardError => e\n"
            + "    render json: { error: e.message, trace: e.backtrace }\n  end\nend\n"
        ),
    ),
}
GOOD: tuple[Files, ...] = (
    _app(_HEAD + "  def show\n    @booking = current_user.bookings.find(params[:id])\n  end\nend\n"),
    _app(
        _HEAD
        + "  def destroy\n    booking = Booking.find(params[:id])\n"
        + "    return head :forbidden unless booking.user_id == current_user.id\n\n    booking.destroy\n  end\nend\n"
    ),
    {
        "app/controllers/application_controller.rb": _APPLICATION,
        "app/controllers/sessions_controller.rb": _SESSIONS
        + "  rate_limit to: 10, within: 3.minutes, only: :create\n\n  def create\n"
        + _CHECK
        + "      reset_session\n      session[:user_id] = user.id\n    end\n  end\nend\n",
    },
)
