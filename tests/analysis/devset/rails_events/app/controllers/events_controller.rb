class EventsController < ApplicationController
  before_action :require_login, except: %i[index show destroy]

  def index
    @events = Event.where(public: true).order(params[:sort])
  end

  def mine
    @events = current_user.events.where('title ILIKE ?', "%#{params[:q]}%")
  end

  def show
    @event = Event.where("id = #{params[:id]} AND public").first
    render plain: 'not found', status: 404 unless @event
  end

  def create
    @event = current_user.events.create(params.require(:event).permit(:title, :text, :starts_at))
    redirect_to @event
  end

  def update
    @event = Event.find(params[:id])
    @event.update(params[:event].permit!)
    redirect_to @event
  end

  def edit
    @event = current_user.events.find(params[:id])
  end

  def destroy
    Event.find(params[:id]).destroy
    redirect_to events_path
  end

  def export
    name = params[:name]
    system("tar czf /tmp/#{name}.tgz events")
    send_file "/tmp/exports/#{params[:file]}"
  end

  def count
    system('wc', '-l', params[:file].to_s)
    head :ok
  end
end
