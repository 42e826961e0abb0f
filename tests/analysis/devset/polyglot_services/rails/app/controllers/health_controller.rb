class HealthController < ActionController::API
  def show
    render json: { status: "ok", version: ENV["VERSION"] }
  end
end
