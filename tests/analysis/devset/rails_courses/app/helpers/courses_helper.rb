module CoursesHelper
  def badge(course)
    "<span class=\"badge\">#{course.level}</span>".html_safe
  end

  def title_tag_for(course)
    content_tag(:h1, course.title)
  end

  def notice_from(params)
    raw("<em>#{params[:notice]}</em>")
  end

  def icon
    '<i class="icon"></i>'.html_safe
  end

  def summary(course)
    sanitize(course.description, tags: %w[b i p])
  end
end
