class MessagesController < ApplicationController
  def index
    @messages = Message.where(recipient: current_user)
  end

  def show
    @message = Message.visible_to(current_user).find(params[:id])
  end

  def create
    Message.create!(params.require(:message).permit(:recipient_id, :body).merge(sender: current_user))
    redirect_to messages_path
  rescue ActiveRecord::RecordInvalid
    render :index, status: :unprocessable_entity
  end
end
