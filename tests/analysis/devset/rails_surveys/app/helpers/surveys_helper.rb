module SurveysHelper
  def intro_of(survey)
    raw("<div class='intro'>#{survey.intro}</div>")
  end

  def badge(text)
    content_tag(:span, text, class: "badge")
  end

  def stars(answer)
    ("&#9733;" * answer.rating.to_i).html_safe
  end

  def signature(user)
    "<em>#{ERB::Util.html_escape(user.name)}</em>".html_safe
  end

  def quote_of(answer)
    "<blockquote>#{answer.text}</blockquote>".html_safe
  end
end
