class AnswersController < ApplicationController
  def index
    survey = current_user.surveys.find(params[:survey_id])
    @answers = survey.answers.order("#{sort_column} #{sort_direction}")
  end

  def create
    answer = Answer.new(answer_params)
    answer.survey_id = params[:survey_id]
    answer.text = params[:text].to_s.truncate(2000)
    answer.save!
    render html: "<p>Thank you, #{params[:name]}</p>".html_safe
  end

  private

  def answer_params
    params.permit(:rating)
  end

  def sort_column
    Answer.column_names.include?(params[:sort]) ? params[:sort] : "id"
  end

  def sort_direction
    params[:direction] == "desc" ? "desc" : "asc"
  end
end
