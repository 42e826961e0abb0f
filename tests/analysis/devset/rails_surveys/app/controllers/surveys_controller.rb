class SurveysController < ApplicationController
  before_action :set_survey, only: %i[show update destroy close]

  def index
    @surveys = SurveySearch.new(current_user, params).call
    @term = params[:q]
  end

  def show
    respond_to do |format|
      format.html
      format.csv { send_data SurveyCsv.new(@survey).to_s, filename: "survey.csv" }
    end
  end

  def create
    @survey = current_user.surveys.create!(survey_params)
    redirect_to @survey
  end

  def update
    @survey.update(survey_params)
    redirect_to @survey
  end

  def destroy
    @survey.destroy
    redirect_to surveys_path
  end

  def close
    @survey.update!(closed: true)
    redirect_to surveys_path
  end

  private

  def set_survey
    @survey = Survey.find(params[:id])
  end

  def survey_params
    params.require(:survey).permit(:title, :intro)
  end
end
