class CoursesController < ApplicationController
  before_action :set_course, only: %i[show edit update destroy enroll]
  before_action :authorize_teacher!, only: %i[edit update]

  SORTS = { "title" => "title ASC", "recent" => "created_at DESC" }.freeze

  def index
    @courses = Course.visible
    @courses = @courses.where("title ILIKE '%#{params[:q]}%'") if params[:q].present?
    @courses = @courses.order(SORTS.fetch(params[:sort], "created_at DESC"))
  end

  def search
    scope = Course.visible
    scope = scope.where(["level = '%s'", params[:level]]) if params[:level]
    scope = scope.where("title ILIKE ?", "%#{Course.sanitize_sql_like(params[:q].to_s)}%")
    scope = scope.order("#{params[:sort] || 'title'} #{params[:dir]}")
    render json: scope.limit(50).pluck(:id, :title)
  end

  def statistics
    column = params[:column] || "price"
    total = Course.calculate(:sum, column)
    render json: { total: total }
  end

  def show
    @lessons = @course.lessons.order(:position)
  end

  def edit; end

  def update
    if @course.update(course_params)
      redirect_to @course
    else
      render :edit
    end
  end

  def destroy
    @course.destroy
    redirect_to courses_path
  end

  def enroll
    current_user.enrollments.create!(course: @course)
    redirect_to course_path(@course)
  end

  def handout
    name = params[:name].to_s
    send_file Rails.root.join("storage", "handouts", name), disposition: "inline"
  end

  def material
    name = File.basename(params[:name].to_s)
    send_file Rails.root.join("storage", "materials", name)
  end

  def preview
    render inline: "<h2>#{params[:title]}</h2>"
  end

  def export
    format = params[:format_name]
    out = `bin/export --course #{params[:id].to_i} --format #{format}`
    send_data out
  end

  def convert
    course = Course.find(params[:id].to_i)
    system("pandoc", "-o", "/tmp/course-#{course.id}.pdf", course.source_path)
    send_file "/tmp/course-#{course.id}.pdf"
  end

  private

  def set_course
    @course = Course.find(params[:id])
  end

  def authorize_teacher!
    head :forbidden unless @course.teacher == current_user
  end

  def course_params
    params.require(:course).permit(:title, :level, :description)
  end
end
