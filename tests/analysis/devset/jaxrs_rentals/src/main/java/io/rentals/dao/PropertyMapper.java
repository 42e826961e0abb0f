package io.rentals.dao;

import java.util.List;
import java.util.Map;
import org.apache.ibatis.annotations.Mapper;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;

@Mapper
public interface PropertyMapper {

    List<Map<String, Object>> sorted(@Param("column") String column);

    @Select("select id, title from property where title like '%${name}%'")
    List<Map<String, Object>> named(@Param("name") String name);

    @Select("select id, title from property where id = #{id}")
    Map<String, Object> byId(@Param("id") long id);
}
