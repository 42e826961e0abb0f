class SurveySearch
  def initialize(user, params)
    @user = user
    @params = params
  end

  def call
    found = @user.surveys
    found = found.titled(@params[:q]) if @params[:q].present?
    found = found.tagged(@params[:tag]) if @params[:tag].present?
    found.order(@params[:order] || "id").limit(50)
  end

  def owners
    User.named(@params[:owner])
  end

  def counted
    ActiveRecord::Base.connection.execute("SELECT count(*) FROM surveys WHERE title = #{quoted}")
  end

  private

  def quoted
    ActiveRecord::Base.connection.quote(@params[:title])
  end
end
